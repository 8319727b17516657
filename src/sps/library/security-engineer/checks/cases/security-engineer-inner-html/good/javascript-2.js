export const A = ({ html }) => <div dangerouslySetInnerHTML={{ __html: sanitizeHtml(html) }} />;
