import * as cp from "node:child_process";

export const start = (options: cp.SpawnSyncOptions) => cp.spawnSync("convert", ["in.png"], options);
export const found = (text: string) => /a+/.exec(text);
