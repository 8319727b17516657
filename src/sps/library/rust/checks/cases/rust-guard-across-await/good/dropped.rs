async fn next(&self) {
    let queue = self.queue.lock().unwrap();
    let size = queue.len();
    drop(queue);
    report(size).await;
    let name = self.name.lock().unwrap().clone();
    send(name).await;
}
