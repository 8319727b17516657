class A {
  void f(X x) {
    for (Y y : x) {
      if (y.a) {
        while (y.b) {
          try {
            if (y.c) g();
          } finally { h(); }
        }
      }
    }
  }
}
