func read(data: Data) throws -> [String: Any] {
    return try JSONSerialization.jsonObject(with: data) as! [String: Any]
}
