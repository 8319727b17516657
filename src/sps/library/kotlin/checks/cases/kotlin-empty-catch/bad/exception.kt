fun sync() {
    try {
        push()
    } catch (e: Exception) {
    }
}
