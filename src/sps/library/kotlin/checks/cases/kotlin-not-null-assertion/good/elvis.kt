fun city(user: User): String {
    val address = user.address ?: throw AddressMissing(user.id)
    return address.city
}
