func load(data: Data) -> Settings {
    return try! JSONDecoder().decode(Settings.self, from: data)
}
