let cell = table.dequeueReusableCell(withIdentifier: "row", for: path) as! RowCell
let gradient = layer as! CAGradientLayer
let value = number as Any
