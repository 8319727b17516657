package a

import "runtime"

func F() {
	runtime.Breakpoint()
}
