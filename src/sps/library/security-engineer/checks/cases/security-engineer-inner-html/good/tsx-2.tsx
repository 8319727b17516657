export const B = ({ text }: P) => <p title="dangerouslySetInnerHTML">{text}</p>;
export const C = () => <script dangerouslySetInnerHTML={{ __html: JSON.stringify(data) }} />;
