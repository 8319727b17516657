fun load() {
    thread {
        val text = api.read()
        runOnUiThread { titleView.text = text }
    }
}
