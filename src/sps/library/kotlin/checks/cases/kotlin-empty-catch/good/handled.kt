fun sync(): Boolean {
    return try {
        push()
        true
    } catch (e: IOException) {
        log.warn("push failed", e)
        false
    }
}
