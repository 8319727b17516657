class Poller {
    private suspend fun pause(ms: Long) = run {
        Thread.sleep(ms)
    }
}
