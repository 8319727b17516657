class ReasonTest {
    @Test
    @Disabled("LEDGER-214: broker image is not available on ARM")
    void works() {}
}
