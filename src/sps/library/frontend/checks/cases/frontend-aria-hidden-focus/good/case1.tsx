const a = <svg aria-hidden="true" />;
const b = <button type="button" aria-hidden="true" tabIndex={-1}>x</button>;
