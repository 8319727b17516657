const a = <a href="/orders" onClick={track}>Orders</a>;
const b = <Link href="/x"><a onClick={track}>x</a></Link>;
