func start() {
    task = Task { await refresh() }
}
