package auth

import "math/rand"

func Code() uint32 {
	otp := rand.Uint32()
	return otp
}
