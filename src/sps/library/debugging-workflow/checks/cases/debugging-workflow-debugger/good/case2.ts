import { debugger as d } from "./debugger";
const o = { debugger: 1 };
