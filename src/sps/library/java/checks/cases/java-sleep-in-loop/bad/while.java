class A {
    void await(Job job) throws InterruptedException {
        while (!job.done()) {
            Thread.sleep(100);
        }
    }
}
