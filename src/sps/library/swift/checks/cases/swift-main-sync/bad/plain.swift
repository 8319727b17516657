func show(text: String) {
    DispatchQueue.main.sync {
        label.text = text
    }
}
