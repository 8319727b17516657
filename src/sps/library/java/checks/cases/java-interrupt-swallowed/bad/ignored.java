class A {
    void put(Job job) {
        try {
            queue.put(job);
        } catch (InterruptedException ignored) {
        }
    }
}
