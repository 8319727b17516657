class A {
  void f() {
    try {
      run();
    } catch (IOException e) {
      throw new ConfigMissing(path, e);
    }
  }
}
