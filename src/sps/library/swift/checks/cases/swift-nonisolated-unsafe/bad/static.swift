final class Config {
    nonisolated(unsafe) static var shared = Config()
}
