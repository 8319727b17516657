fun close() {
    try { socket.close() } catch (e: IOException) {}
}
