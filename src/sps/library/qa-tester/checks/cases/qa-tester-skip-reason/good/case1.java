class ATest {
  @Disabled("#12 provider is down")
  @Test void a() { check(); }
}
