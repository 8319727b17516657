function f(x: number) {
  debugger;
  return x;
}
