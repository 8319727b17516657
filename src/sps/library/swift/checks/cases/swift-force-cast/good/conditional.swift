func read(payload: [String: Any]) throws -> String {
    guard let name = payload["name"] as? String else { throw Missing.name }
    return name
}
