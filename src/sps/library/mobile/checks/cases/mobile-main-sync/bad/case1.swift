func update() {
    DispatchQueue.main.sync {
        label.text = "x"
    }
}
