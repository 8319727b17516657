class Player {
    companion object {
        lateinit var context: Context
    }
}
