fun observe() {
    viewLifecycleOwner.lifecycleScope.launchWhenResumed { model.state.collect(::draw) }
}
