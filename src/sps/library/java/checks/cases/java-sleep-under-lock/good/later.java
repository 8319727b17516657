class A {
    synchronized void retry() {
        executor.submit(() -> { Thread.sleep(100); return null; });
    }
}
