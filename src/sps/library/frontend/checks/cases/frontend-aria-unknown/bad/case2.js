const b = <input id="x" aria-describeby={id} />;
const c = <button aria-role="tab">x</button>;
