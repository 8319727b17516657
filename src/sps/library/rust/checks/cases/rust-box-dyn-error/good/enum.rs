pub fn load(path: &Path) -> Result<Config, LoadError> {
    parse(path)
}
