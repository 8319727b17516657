func load() async throws -> Data {
    start { semaphore.signal() }
    semaphore.wait()
    sleep(1)
    return data
}
