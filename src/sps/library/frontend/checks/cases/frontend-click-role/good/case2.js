const c = <div {...bind}>x</div>;
const d = <div onClick={(e) => e.stopPropagation()}><Menu /></div>;
const e = <Card onClick={open} />;
const f = <div className="x"><span>a</span></div>;
