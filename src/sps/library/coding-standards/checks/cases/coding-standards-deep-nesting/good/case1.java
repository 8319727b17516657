class A {
  void f(X x) {
    if (x.a) {
      g();
    } else if (x.b) {
      g();
    } else if (x.c) {
      g();
    } else if (x.d) {
      g();
    } else if (x.e) {
      g();
    }
  }
}
