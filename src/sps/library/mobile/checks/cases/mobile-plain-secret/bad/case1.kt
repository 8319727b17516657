fun keep(token: String) {
    prefs.edit().putString("access_token", token).apply()
}
