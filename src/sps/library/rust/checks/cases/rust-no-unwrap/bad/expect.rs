impl Store {
    pub fn load(&self, path: &Path) -> Vec<u8> {
        std::fs::read(path).expect("failed to read")
    }
}
