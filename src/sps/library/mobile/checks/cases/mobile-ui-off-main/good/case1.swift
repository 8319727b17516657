func load() {
    URLSession.shared.dataTask(with: url) { data, _, _ in
        DispatchQueue.main.async {
            self.titleLabel.text = "done"
        }
    }.resume()
}
