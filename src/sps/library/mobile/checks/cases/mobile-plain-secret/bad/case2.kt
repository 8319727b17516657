fun keep(word: String) {
    val editor = prefs.edit()
    editor.putString("user.password", word)
    editor.commit()
}
