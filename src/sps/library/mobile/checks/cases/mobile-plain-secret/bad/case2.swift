func keep(_ word: String) {
    defaults.set(word, forKey: "password")
}
