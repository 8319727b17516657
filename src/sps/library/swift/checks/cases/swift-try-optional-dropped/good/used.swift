func load() -> Settings? {
    let saved = try? store.load()
    return saved ?? (try? store.fallback())
}
