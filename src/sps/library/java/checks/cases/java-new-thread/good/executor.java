class A {
    void send(Mail mail) {
        executor.submit(() -> deliver(mail));
        Thread.currentThread().getName();
    }
}
