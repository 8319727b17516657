func poll(job: Job) async {
    while !job.done {
        Thread.sleep(forTimeInterval: 1)
    }
}
