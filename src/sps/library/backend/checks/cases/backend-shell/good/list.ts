import { execFileSync } from "node:child_process";

export const pack = (path: string) => execFileSync("tar", ["czf", "out.tgz", "--", path]);
