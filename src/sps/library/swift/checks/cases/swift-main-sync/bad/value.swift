var title: String {
    return DispatchQueue.main.sync { label.text ?? "" }
}
