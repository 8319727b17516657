class A {
    void run() {
        try {
            job();
        } catch (Throwable t) {
            log.error("job failed", t);
        }
    }
}
