import { execSync } from "node:child_process";

export const pack = (path: string) => execSync(`tar czf out.tgz ${path}`);
