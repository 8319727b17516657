class A {
    void send(Mail mail) {
        new Thread(() -> deliver(mail)).start();
    }
}
