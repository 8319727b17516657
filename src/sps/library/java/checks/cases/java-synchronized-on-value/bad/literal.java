class A {
    void run() {
        synchronized ("lock") {
            work();
        }
    }
}
