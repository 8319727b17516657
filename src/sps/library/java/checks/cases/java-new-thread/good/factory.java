class A implements ThreadFactory {
    public Thread newThread(Runnable task) {
        return new Thread(task, "mail");
    }

    void start() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
        pool(r -> new Thread(r, "pool"));
    }
}
