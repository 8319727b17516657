final class Cache: @unchecked Sendable {
    var items: [String: Int] = [:]
}
