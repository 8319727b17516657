function Row({ r }) {
  return <li>{r.name}</li>;
}
export function Page({ rows }) {
  const renderRow = (r) => <Row key={r.id} r={r} />;
  return <ul>{rows.map(renderRow)}</ul>;
}
