fn run() -> Result<(), Box<dyn Error>> {
    Ok(())
}

pub fn with_source(source: Box<dyn Error>) -> LoadError {
    LoadError(source)
}
