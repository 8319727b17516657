func keep(_ token: String) {
    UserDefaults.standard.set(token, forKey: "accessToken")
}
