class A {
  void f() {
    try {
      run();
    } catch (RuntimeException ex) {
      LOGGER.warn("failed", ex);
      throw ex;
    }
  }
}
