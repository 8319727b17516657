export function Page({ rows }) {
  function Row({ r }) {
    return <li>{r.name}</li>;
  }
  return <ul>{rows.map((r) => <Row key={r.id} r={r} />)}</ul>;
}
