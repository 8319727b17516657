const a = <div onClick={open}>Open</div>;
