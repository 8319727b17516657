fun main() = runBlocking { sync() }

class SyncWorker(context: Context) : Worker(context) {
    override fun doWork(): Result = runBlocking { sync() }
}

class MainActivity : AppCompatActivity() {
    fun go() {
        thread { runBlocking { sync() } }
    }
    class Job : Runnable {
        override fun run() = runBlocking { sync() }
    }
}
