class Player(private val context: Context) {
    companion object {
        const val TAG = "player"
        lateinit var appContext: Context
    }
}
