fun launchWhenStarted(name: String) = println(name)
val text = "launchWhenStarted"
