class BTest {
  @Test void b() {
    await().until(this::done);
    clock.sleep(5);
  }
}
