async fn load(path: PathBuf) -> io::Result<String> {
    tokio::task::spawn_blocking(move || std::fs::read_to_string(path)).await?
}

fn wait() {
    std::thread::sleep(Duration::from_secs(1));
}
