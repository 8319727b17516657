class OtherTest {
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void works() {
        Disabled state = null;
    }
}
