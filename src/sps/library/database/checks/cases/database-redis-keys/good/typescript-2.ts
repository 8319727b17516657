const names = Object.keys(table);
const more = map.keys();
