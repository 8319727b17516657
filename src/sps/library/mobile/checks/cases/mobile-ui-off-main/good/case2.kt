fun load() {
    scope.launch(Dispatchers.IO) {
        val text = api.read()
        note.text = text
        withContext(Dispatchers.Main) { titleView.text = text }
    }
    titleView.text = "loading"
}
