class Screen {
    @Inject lateinit var clock: Clock
    override lateinit var owner: Owner
    var count = 0
}
