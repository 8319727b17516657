export const run = (span: Span, query: Query) => span.setAttribute("db.collection.name", query.table);
