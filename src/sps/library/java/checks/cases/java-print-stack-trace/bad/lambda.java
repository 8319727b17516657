class A {
    void sync() {
        future.exceptionally(error -> { error.printStackTrace(); return null; });
    }
}
