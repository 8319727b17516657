package auth

import "math/rand"

func Pause() int {
	delay := rand.Intn(100)
	return delay
}
