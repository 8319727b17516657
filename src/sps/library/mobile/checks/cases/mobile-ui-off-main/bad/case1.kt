fun load() {
    thread {
        val text = api.read()
        titleView.text = text
    }
}
