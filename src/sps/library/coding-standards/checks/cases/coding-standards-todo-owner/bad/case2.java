class A {
  /* FIXME: rounding */
  int y = 2;
}
