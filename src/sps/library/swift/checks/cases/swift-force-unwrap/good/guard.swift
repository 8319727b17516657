func city(user: User) throws -> String {
    guard let address = user.address else { throw Missing.address(user.id) }
    return address.city
}
