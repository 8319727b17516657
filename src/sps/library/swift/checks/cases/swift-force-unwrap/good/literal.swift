let home = URL(string: "https://example.com/")!
let hidden = !visible && a != b
var outlet: Label!
