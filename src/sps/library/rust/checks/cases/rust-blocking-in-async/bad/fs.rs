impl Store {
    pub async fn load(&self, path: &Path) -> io::Result<String> {
        let text = std::fs::read_to_string(path)?;
        Ok(text)
    }
}
