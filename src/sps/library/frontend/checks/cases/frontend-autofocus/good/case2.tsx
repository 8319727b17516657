const c = <input id="n" autoFocus={false} />;
const d = <TextField autoFocus />;
const e = <input type="search" autoFocus aria-label="Search" />;
