let digits = try! NSRegularExpression(pattern: "[0-9]+")
let word = try! Regex("[a-z]+")
let maybe = try? load()
