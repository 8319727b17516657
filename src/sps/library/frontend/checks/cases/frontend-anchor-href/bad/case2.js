const b = <a href="#" onClick={toggle} className="x">More</a>;
const c = <a href="javascript:void(0)" onClick={go}>x</a>;
