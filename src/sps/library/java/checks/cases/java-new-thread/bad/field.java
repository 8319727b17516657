class A {
    private final Thread worker = new Thread(this::loop, "worker");
}
