val prefs = EncryptedSharedPreferences.create(context, "s", key, a, b)
fun keep(token: String) {
    prefs.edit().putString("access_token", token).apply()
}
