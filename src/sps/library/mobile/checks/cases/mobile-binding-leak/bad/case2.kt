class CartFragment : BaseFragment<Cart>() {
    private var binding: CartBinding? = null
    override fun onDestroyView() {
        super.onDestroyView()
    }
}
