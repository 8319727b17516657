const b = <div tabIndex={-1} />;
const c = <li tabIndex={active ? 0 : -1} />;
const d = <li tabIndex={index} data-tabIndex="4" />;
