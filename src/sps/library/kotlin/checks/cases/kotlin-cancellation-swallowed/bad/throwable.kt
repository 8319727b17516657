class Sync {
    suspend fun run() {
        while (true) {
            try {
                step()
            } catch (t: Throwable) {
                report(t)
            }
        }
    }
}
