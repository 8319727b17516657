class Screen {
    @IBOutlet weak var label: Label!
    @IBOutlet private var button: Button!
}
