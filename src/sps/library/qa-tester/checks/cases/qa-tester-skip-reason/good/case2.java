class BTest {
  @DisabledOnOs(OS.WINDOWS)
  @Test void b() { check(); }
}
