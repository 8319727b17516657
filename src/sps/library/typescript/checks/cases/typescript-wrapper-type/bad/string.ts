export function greet(name: String): string {
  return `Hello ${name}`;
}
