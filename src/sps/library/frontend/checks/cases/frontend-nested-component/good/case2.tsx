export function withTitle(Inner) {
  const Wrapped = (props) => <Inner title="x" {...props} />;
  return Wrapped;
}
function Total({ items }) {
  const Sum = () => items.length;
  return <b>{Sum()}</b>;
}
