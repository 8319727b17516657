suspend fun upload(file: File) {
    try {
        client.upload(file)
    } catch (e: IOException) {
        retryLater(file, e)
    }
    try {
        client.upload(file)
    } catch (e: Exception) {
        currentCoroutineContext().ensureActive()
        retryLater(file, e)
    }
}

fun plain() {
    try { work() } catch (e: Exception) { report(e) }
}
