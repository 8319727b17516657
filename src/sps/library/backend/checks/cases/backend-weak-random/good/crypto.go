package auth

import "crypto/rand"

func Reset() ([]byte, error) {
	token := make([]byte, 32)
	_, err := rand.Read(token)
	return token, err
}
