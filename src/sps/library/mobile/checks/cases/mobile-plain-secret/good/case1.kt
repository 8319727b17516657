fun keep(name: String) {
    prefs.edit().putString("user_name", name).putString("push_token", "x").apply()
    map.putString("clientSecret", intent.clientSecret)
}
