fun observe() {
    lifecycleScope.launchWhenStarted {
        model.state.collect { draw(it) }
    }
}
