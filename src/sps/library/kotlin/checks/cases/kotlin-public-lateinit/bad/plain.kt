class Screen {
    lateinit var adapter: Adapter
}
