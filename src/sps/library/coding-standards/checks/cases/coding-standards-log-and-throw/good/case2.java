class A {
  void f() {
    try {
      run();
    } catch (IOException e) {
      log.error("failed", e);
      return;
    }
  }
}
