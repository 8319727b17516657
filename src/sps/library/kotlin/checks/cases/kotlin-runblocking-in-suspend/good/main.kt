fun main() = runBlocking {
    serve()
}

suspend fun other() {
    fun bridge() {
        runBlocking { serve() }
    }
    register(::bridge)
}
