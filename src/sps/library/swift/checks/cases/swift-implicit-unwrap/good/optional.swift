class Screen {
    let model: Model
    var title: String?

    init(model: Model) { self.model = model }
}
