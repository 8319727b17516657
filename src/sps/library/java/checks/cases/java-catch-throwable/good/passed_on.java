class A {
    void run() {
        try {
            job();
        } catch (Throwable t) {
            rollback();
            throw t;
        }
    }
}
