const a = <input id="a" tabIndex={1} />;
