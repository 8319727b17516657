class OrdersFragment : Fragment() {
    private var _binding: OrdersBinding? = null
    override fun onDestroyView() {
        super.onDestroyView()
        _binding = null
    }
}
