const page = parseInt(query.page, 10);
const mask = Number.parseInt(text, 16);
