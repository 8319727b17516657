pub fn load(path: &Path) -> Result<Config, Box<dyn Error>> {
    parse(path)
}
