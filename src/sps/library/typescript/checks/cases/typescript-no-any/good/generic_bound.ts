export function wrap<F extends (...args: any[]) => void>(fn: F): F {
  const any = "any";
  return any ? fn : fn;
}
