class MainActivity : AppCompatActivity() {
    private var binding: MainBinding? = null
}

class PlainFragment : Fragment() {
    private var title: String? = null
}
