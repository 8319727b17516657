class JobTest {
  @Test void runs() throws Exception {
    while (!done()) {
      Thread.sleep(5);
    }
  }
}
