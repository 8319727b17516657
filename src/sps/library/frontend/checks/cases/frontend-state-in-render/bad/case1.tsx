function Cart({ items }) {
  const [total, setTotal] = useState(0);
  setTotal(items.length);
  return <b>{total}</b>;
}
