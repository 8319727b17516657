actor Cache {
    var items: [String: Int] = [:]
}
struct Row: Sendable { let id: Int }
