package a

var Y = 2 // FIXME: rounding
