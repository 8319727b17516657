export const A = ({ html }: P) => <div dangerouslySetInnerHTML={{ __html: html }} />;
