pub fn port(text: &str) -> Result<u16, ParseIntError> {
    let next = queue.lock().unwrap().len();
    text.parse().map(|port: u16| port + next.unwrap_or(0))
}
