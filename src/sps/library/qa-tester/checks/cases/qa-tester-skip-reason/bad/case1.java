class ATest {
  @Disabled
  @Test void a() { check(); }
}
