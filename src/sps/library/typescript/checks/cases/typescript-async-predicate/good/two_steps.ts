const keep = await Promise.all(items.map(async (item) => isWanted(item)));
const wanted = items.filter((_, index) => keep[index]);
