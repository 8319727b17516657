const page = Number(query.page);
const numbers = texts.map(parser.parseInteger);
