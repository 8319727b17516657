const a = <nav aria-labelledby="title" />;
const b = <button aria-expanded={open} aria-controls="m">Menu</button>;
