const b = <img {...props} />;
const c = <Image src={x} />;
const d = <img alt={name} src={x} {...rest} />;
