import { execFileSync } from "node:child_process";

export const pack = (file: string, args: string[]) => execFileSync(file, args, { timeout: 1_000 });
