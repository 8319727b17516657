const Panel = ({ title }) => {
  const Header = () => <h2>{title}</h2>;
  return <section><Header /></section>;
};
