function f(a: A) {
  if (a) { for (const b of a) { if (b) { while (b.c) { run(() => { if (b.d) g(); }); } } } }
}
