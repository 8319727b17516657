function f(x: number) {
  console.log("here 1");
  return x;
}
