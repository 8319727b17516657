package a

func Send(a, b, c, d string, e, f, g, h int) {}
