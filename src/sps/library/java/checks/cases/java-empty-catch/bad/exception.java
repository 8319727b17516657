class A {
    void sync() {
        try {
            push();
        } catch (Exception e) {
        }
    }
}
