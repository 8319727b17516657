export const found = (pattern: RegExp, text: string) => pattern.exec(text);
export const state = () => execSync("git status", { timeout: 1_000 });
