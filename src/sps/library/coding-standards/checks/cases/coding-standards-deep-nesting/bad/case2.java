class A {
  void f(X x) {
    if (x.a) { if (x.b) { if (x.c) { if (x.d) { for (int i = 0; i < 3; i++) { g(); } } } } }
  }
}
