class A {
    void pause() {
        try {
            Thread.sleep(10);
        } catch (InterruptedException e) {
            log.warn("woken", e);
        }
    }
}
