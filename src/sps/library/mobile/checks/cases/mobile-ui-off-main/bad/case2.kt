fun load() {
    scope.launch(Dispatchers.IO) {
        binding.progress.visibility = View.GONE
    }
}
