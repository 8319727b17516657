// All access to `items` holds `lock`.
final class Cache: @unchecked Sendable {
    private let lock = NSLock()
    private var items: [String: Int] = [:]
}
