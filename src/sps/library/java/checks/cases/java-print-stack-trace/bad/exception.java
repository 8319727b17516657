class A {
    void sync() {
        try {
            push();
        } catch (IOException e) {
            e.printStackTrace();
        }
    }
}
