import { execSync } from "node:child_process";

export const pack = (command: string) => execSync(command, { timeout: 1_000 });
