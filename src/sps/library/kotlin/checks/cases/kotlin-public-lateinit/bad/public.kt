class Screen {
    public lateinit var adapter: Adapter
}
