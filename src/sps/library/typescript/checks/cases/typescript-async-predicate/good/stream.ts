const rows = readableStream.filter(async (row) => await ok(row));
const found = await collection.find(async (row) => ok(row));
