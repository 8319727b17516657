export const found = (pattern: RegExp, name: string) => pattern.exec(`name: ${name}`);
export const state = () => execSync("git status");
