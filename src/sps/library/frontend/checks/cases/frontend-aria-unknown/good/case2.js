const c = <Icon aria-color="red" />;
const d = <div data-aria-foo="1" aria-live="polite" aria-braillelabel="x" />;
