class JobTest {
  @Test void runs() throws Exception {
    start();
    Thread.sleep(500);
    assertTrue(done());
  }
}
