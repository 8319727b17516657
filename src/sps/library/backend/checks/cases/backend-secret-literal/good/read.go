package cloud

var client = newClient(os.Getenv("ACCESS_KEY_ID"))
