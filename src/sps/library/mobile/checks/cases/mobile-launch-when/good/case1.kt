fun observe() {
    lifecycleScope.launch {
        repeatOnLifecycle(Lifecycle.State.STARTED) { model.state.collect { draw(it) } }
    }
}
