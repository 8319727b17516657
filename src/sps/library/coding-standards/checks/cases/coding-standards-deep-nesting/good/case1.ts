function f(a: A) {
  if (a.x) {
    g();
  } else if (a.y) {
    g();
  } else if (a.z) {
    g();
  } else if (a.v) {
    g();
  } else if (a.w) {
    g();
  }
}
