for await (const key of client.scanIterator({ MATCH: "cart:*" })) {
  await client.unlink(key);
}
