func keep(_ token: String) {
    keychain.set(token, forKey: "accessToken")
}
