await Promise.all(items.map(async (item) => save(item)));
queue.forEach((item) => { void run(async () => save(item)); });
