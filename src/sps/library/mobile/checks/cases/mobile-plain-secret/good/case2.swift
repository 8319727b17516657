func keep(_ name: String) {
    UserDefaults.standard.set(name, forKey: "userName")
    UserDefaults.standard.set(true, forKey: "passwordHintShown")
}
