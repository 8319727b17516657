function f(a: A) {
  if (a) { if (a.b) { if (a.c) { if (a.d) { for (const e of a) { g(e); } } } } }
}
