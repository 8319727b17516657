suspend fun poll(job: Job) {
    while (!job.done) {
        Thread.sleep(100)
    }
}
