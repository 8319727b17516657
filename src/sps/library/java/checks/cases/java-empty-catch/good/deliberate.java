class A {
    void close() {
        try {
            socket.close();
        } catch (IOException ignored) {
        }
        try {
            push();
        } catch (RuntimeException e) {
            // the peer may be gone; the next cycle pushes again
        }
    }
}
