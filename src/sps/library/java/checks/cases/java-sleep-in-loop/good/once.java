class A {
    void pause() throws InterruptedException {
        Thread.sleep(100);
        while (queue.poll(1, TimeUnit.SECONDS) == null) {
            retry.run(() -> { Thread.sleep(1); return null; });
        }
    }
}
