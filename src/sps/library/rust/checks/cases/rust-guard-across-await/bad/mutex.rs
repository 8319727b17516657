async fn next(&self) {
    let mut queue = self.queue.lock().unwrap();
    if let Some(job) = queue.pop_front() {
        job.run().await;
    }
}
