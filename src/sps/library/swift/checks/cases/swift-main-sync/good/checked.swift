func show(text: String) {
    if Thread.isMainThread {
        label.text = text
    } else {
        DispatchQueue.main.sync { label.text = text }
    }
    DispatchQueue.global().async {
        DispatchQueue.main.sync { label.text = text }
    }
}
