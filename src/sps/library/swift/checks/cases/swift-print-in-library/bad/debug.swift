struct Loader {
    func load() {
        if verbose { debugPrint(self) }
    }
}
