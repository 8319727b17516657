func start(view: View) {
    view.detached = true
    tasks.detached()
}
