func poll() {
    Thread.sleep(forTimeInterval: 1)
}
func later() async {
    queue.async { Thread.sleep(forTimeInterval: 1) }
}
