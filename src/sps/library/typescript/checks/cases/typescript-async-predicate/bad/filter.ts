const wanted = items.filter(async (item) => await isWanted(item));
