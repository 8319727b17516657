package a

// TODO(ana): faster
var X = 1
