package cloud

const key = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIIrYSSNQFaA2Hwf1duRS
-----END EC PRIVATE KEY-----`
