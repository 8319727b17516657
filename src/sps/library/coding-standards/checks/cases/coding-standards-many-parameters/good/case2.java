record R(int a, int b, int c, int d, int e, int f, int g, int h) {}

class C {
  C(int a, int b, int c, int d, int e, int f, int g, int h) {}
}
