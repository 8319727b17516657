export const run = (span: Span, query: Query) => span.setAttribute("db.query.text", query.name);
