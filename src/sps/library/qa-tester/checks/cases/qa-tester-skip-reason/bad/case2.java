class BTest {
  @Ignore
  @Test public void b() { check(); }
}
