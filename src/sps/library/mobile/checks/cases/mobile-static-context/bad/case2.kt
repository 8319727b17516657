object Screens {
    private var current: MainActivity? = null
    fun close() { current?.finish() }
}
