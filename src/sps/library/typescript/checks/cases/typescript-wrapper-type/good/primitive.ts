export function greet(name: string, extra: object): string {
  return String(name) + Object.keys(extra).length;
}
