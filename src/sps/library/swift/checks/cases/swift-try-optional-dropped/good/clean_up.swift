func clean() async {
    start()
    try? FileManager.default.removeItem(at: url)
    try? await Task.sleep(for: .seconds(1))
    // the cache is only a shortcut, a miss is fine
    try? cache.store(image)
}
