actor Account {
    var balance = 0
    func withdraw(_ amount: Int) async throws {
        try await audit.record(amount)
        guard balance >= amount else { throw Refused() }
        balance -= amount
    }
}
