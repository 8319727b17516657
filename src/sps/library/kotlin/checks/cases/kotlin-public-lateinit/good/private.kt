class Screen {
    private lateinit var adapter: Adapter
    val name by lazy { load() }
}
