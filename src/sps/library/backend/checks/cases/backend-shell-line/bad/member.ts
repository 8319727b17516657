import * as cp from "node:child_process";

export const pack = (settings: Settings) => cp.exec(settings.command);
