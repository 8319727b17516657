class MethodTest {
    @Test
    @Disabled
    void works() {}
}
