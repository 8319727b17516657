suspend fun upload(file: File): Boolean {
    return try {
        client.upload(file)
        true
    } catch (e: CancellationException) {
        throw e
    } catch (e: Exception) {
        log.warn("upload failed", e)
        false
    }
}
