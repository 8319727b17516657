class A {
  // TODO make this faster
  int x = 1;
}
