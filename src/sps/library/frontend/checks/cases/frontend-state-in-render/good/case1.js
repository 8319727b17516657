function Cart({ items }) {
  const [total, setTotal] = useState(0);
  useEffect(() => { setTotal(items.length); }, [items]);
  return <button type="button" onClick={() => setTotal(0)}>{total}</button>;
}
