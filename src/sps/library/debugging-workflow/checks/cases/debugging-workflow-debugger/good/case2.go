package a

// runtime.Breakpoint() stops
var s = "runtime.Breakpoint()"
