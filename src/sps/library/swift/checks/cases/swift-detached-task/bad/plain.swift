func start() {
    Task.detached { await refresh() }
}
