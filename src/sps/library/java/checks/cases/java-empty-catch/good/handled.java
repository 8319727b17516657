class A {
    void sync() {
        try {
            push();
        } catch (IOException e) {
            throw new SyncFailed(e);
        }
    }
}
