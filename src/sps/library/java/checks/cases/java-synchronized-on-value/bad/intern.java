class A {
    void run(String key) {
        synchronized (key.intern()) {
            work();
        }
        synchronized (Integer.valueOf(1)) {
            work();
        }
    }
}
