package a

// TODO make this faster
var X = 1
