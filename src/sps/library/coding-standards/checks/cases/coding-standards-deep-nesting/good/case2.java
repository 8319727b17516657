class A {
  void f(X x) {
    if (x.a) { for (Y y : x) { if (y.b) { while (y.c) { run(() -> { if (y.d) g(); }); } } } }
  }
}
