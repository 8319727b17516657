class BTest {
  @Test void b() throws Exception {
    TimeUnit.SECONDS.sleep(1);
    check();
  }
}
