fun pause(ms: Long) {
    Thread.sleep(ms)
}

suspend fun outer() {
    val worker = object : Runnable {
        override fun run() {
            Thread.sleep(1)
        }
    }
    submit(worker)
}
