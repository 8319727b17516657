class A {
    void sync() {
        try {
            push();
        } catch (IOException | TimeoutException e) { }
    }
}
