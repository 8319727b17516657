export function P({ u }) {
  return <div><img src={u.photo} className="round"></img></div>;
}
