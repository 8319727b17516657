async fn next(&self) {
    let mut queue = self.queue.lock().await;
    let count = self.count.lock().unwrap();
    tokio::spawn(async move { other().await });
}
