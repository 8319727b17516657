import * as cp from "node:child_process";

export const convert = () => cp.spawnSync("convert", ["in.png", "out.jpg"]);
