const c = <button type="button" aria-hidden={!open}>x</button>;
const d = <input type="hidden" aria-hidden="true" />;
const e = <a aria-hidden="true" />;
