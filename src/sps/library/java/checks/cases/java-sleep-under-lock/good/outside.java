class A {
    void retry() throws InterruptedException {
        Thread.sleep(100);
        synchronized (lock) {
            lock.wait(100);
        }
    }
}
