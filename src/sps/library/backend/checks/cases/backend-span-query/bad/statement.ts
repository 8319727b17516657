export const run = (span: Span, sql: string) => span.setAttribute("db.statement", sql);
