final class Config: Sendable {
    static let shared = Config()
    nonisolated let name = "a"
}
