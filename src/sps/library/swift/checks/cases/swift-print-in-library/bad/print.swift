public func load() {
    print("loading")
}
