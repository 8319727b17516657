func show() {
    titleLabel.text = "ready"
    tableView.reloadData()
    URLSession.shared.dataTask(with: url) { data, _, _ in
        self.model.text = "x"
        Task { @MainActor in self.imageView.image = nil }
    }.resume()
}
