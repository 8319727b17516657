let digits = try! NSRegularExpression(pattern: "[0-9]+")
let word = try! Regex("[a-z]+")
let maybe = try? load()
// the file is part of the bundle, see the build script
let words = try! String(contentsOf: bundled, encoding: .utf8)
