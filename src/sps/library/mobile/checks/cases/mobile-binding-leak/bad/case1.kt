class OrdersFragment : Fragment() {
    private var _binding: OrdersBinding? = null
    override fun onCreateView(i: LayoutInflater, c: ViewGroup?, s: Bundle?): View {
        _binding = OrdersBinding.inflate(i, c, false)
        return _binding!!.root
    }
}
