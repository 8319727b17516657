func refresh() {
    session.dataTask(with: request) { [weak self] data, _, error in
        guard error == nil else { return }
        self?.tableView.reloadData()
    }.resume()
}
