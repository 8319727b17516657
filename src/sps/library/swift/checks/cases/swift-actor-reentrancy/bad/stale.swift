actor Account {
    var balance = 0
    func withdraw(_ amount: Int) async throws {
        guard balance >= amount else { throw Refused() }
        try await audit.record(amount)
        balance -= amount
    }
}
