const a = <button type="button" aria-hidden="true" onClick={close}>x</button>;
