const b = <div role="button" tabIndex="3">x</div>;
