const a = <a href={user.site} target="_blank" rel="noopener">Site</a>;
const b = <a href={x} target="_self">y</a>;
