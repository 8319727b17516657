let value = DispatchQueue.main.sync { view.bounds }
