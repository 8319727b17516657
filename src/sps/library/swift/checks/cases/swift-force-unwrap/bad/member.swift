func city(user: User) -> String {
    return user.address!.city
}
