const c = <a {...link} target="_blank">y</a>;
const d = <a href="/help" target="_blank">Help</a>;
const e = <form target="_blank" action="/pdf" />;
