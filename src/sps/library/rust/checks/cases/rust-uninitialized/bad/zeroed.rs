fn make() -> Config {
    unsafe { std::mem::zeroed() }
}
