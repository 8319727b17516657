const b = <div><button onClick={go}>Go</button></div>;
const c = <form><Button onClick={go}>Go</Button><button {...p} onClick={go}>x</button></form>;
