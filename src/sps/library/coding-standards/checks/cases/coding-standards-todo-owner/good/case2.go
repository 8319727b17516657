package a

// Todo is an entry of the list. See issue #4.
type Todo struct{}
