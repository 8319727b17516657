let text = try! String(contentsOf: url, encoding: .utf8)
