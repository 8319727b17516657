const c = <a id="chapter-2" />;
const d = <a {...props} onClick={x}>y</a>;
const e = <a href="#top">Top</a>;
const f = <button type="button" onClick={save}>Save</button>;
