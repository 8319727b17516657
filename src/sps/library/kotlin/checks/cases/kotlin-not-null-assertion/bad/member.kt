fun city(user: User): String {
    return user.address!!.city
}
