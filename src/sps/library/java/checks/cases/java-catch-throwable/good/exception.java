class A {
    void run() {
        try {
            job();
        } catch (IOException e) {
            log.error("job failed", e);
        } catch (PaymentError e) {
            refuse(e);
        }
    }
}
