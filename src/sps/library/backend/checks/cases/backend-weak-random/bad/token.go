package auth

import "math/rand"

func Reset() int {
	token := rand.Intn(1000000)
	return token
}
