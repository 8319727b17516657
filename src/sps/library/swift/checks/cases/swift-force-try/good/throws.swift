func load(data: Data) throws -> Settings {
    return try JSONDecoder().decode(Settings.self, from: data)
}
