class A {
  // TODO(ana): faster
  // FIXME SHOP-12 rounding
  int x = 1;
}
