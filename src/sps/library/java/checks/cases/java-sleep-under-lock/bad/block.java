class A {
    void retry() throws InterruptedException {
        synchronized (lock) {
            while (!done) {
                Thread.sleep(100);
            }
        }
    }
}
