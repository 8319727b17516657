fun close() {
    try {
        socket.close()
    } catch (e: IOException) {
        // the peer is gone, there is nothing left to close
    }
    try { other.close() } catch (ignored: IOException) {}
}
