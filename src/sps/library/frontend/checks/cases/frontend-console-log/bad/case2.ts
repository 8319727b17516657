items.forEach((item) => console.table(item));
