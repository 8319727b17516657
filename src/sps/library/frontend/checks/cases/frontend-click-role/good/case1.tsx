const a = <button type="button" onClick={open}>Open</button>;
const b = <div role="button" tabIndex={0} onClick={open} onKeyDown={keys}>Open</div>;
