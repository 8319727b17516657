const a = <p style={{ color: "var(--danger)" }}>x</p>;
const b = { color: "#ff0000" };
