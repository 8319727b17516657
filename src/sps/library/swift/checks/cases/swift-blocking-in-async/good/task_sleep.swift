func poll(job: Job) async throws {
    while !job.done {
        try await Task.sleep(for: .seconds(1))
    }
    await sleep(1)
    await semaphore.wait()
}
