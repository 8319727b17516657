class A {
    void run(String mode) {
        if ("fast" != mode) slow();
    }
}
