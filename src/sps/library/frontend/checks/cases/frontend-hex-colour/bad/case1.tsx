const a = <p style={{ color: "#ff0000" }}>x</p>;
