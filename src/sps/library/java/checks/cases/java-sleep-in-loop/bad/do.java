class A {
    void await(Job job) throws InterruptedException {
        do {
            TimeUnit.MILLISECONDS.sleep(100);
        } while (!job.done());
    }
}
