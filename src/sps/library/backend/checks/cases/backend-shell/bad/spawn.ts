import { spawn } from "node:child_process";

export const drop = (path: string) => spawn("rm -r " + path, { shell: true });
