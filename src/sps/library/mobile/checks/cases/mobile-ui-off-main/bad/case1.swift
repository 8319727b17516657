func load() {
    URLSession.shared.dataTask(with: url) { data, _, _ in
        self.titleLabel.text = String(data: data!, encoding: .utf8)
    }.resume()
}
