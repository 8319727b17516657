class A {
    private final Object lock = new Object();

    void run() {
        synchronized (lock) {
            work("lock");
        }
    }
}
