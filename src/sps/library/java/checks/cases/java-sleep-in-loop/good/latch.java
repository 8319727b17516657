class A {
    void await(Job job) throws InterruptedException {
        job.latch().await(5, TimeUnit.SECONDS);
    }
}
