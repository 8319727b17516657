let first = items.first!
