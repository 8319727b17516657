class MainActivity : AppCompatActivity() {
    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        runBlocking(Dispatchers.IO) { settings.load() }
    }
}
