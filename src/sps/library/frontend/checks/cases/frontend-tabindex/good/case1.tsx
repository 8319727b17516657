const a = <div role="button" tabIndex={0}>x</div>;
