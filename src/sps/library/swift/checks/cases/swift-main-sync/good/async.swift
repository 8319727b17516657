func show(text: String) {
    DispatchQueue.main.async {
        label.text = text
    }
}
