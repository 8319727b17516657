func update() {
    DispatchQueue.main.async { label.text = "x" }
    queue.sync { count += 1 }
}
