class A {
    void run(String key) {
        synchronized (locks.get("a")) {
            work(key.intern());
        }
    }
}
