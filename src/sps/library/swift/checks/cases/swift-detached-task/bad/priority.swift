func start() -> Task<Void, Never> {
    return Task.detached(priority: .background) {
        await refresh()
    }
}
