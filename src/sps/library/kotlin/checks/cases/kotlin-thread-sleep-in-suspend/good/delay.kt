suspend fun poll(job: Job) {
    while (!job.done) {
        delay(100)
    }
}
