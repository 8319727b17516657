class A {
    public synchronized void retry() throws InterruptedException {
        TimeUnit.SECONDS.sleep(1);
        push();
    }
}
