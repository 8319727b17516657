class Screen {
    private var _binding: ScreenBinding? = null
    private val binding get() = _binding!!
    fun visible() = !(!hidden) && a != b
    fun next() { i++ }
}
