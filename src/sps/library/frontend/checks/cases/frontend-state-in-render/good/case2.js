function List({ id }) {
  const [last, setLast] = useState(id);
  if (id !== last) {
    setLast(id);
  }
  function reset() {
    setLast(0);
  }
  setTitle("x");
  return <Row onReset={reset} />;
}
