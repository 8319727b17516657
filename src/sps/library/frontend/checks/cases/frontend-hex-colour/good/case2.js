const c = <a href="#fff" style={{ width: "50%" }}>x</a>;
const d = <Chart colour="#00ff00" />;
