fun parse(text: String): Int? = runCatching { text.toInt() }.getOrNull()
