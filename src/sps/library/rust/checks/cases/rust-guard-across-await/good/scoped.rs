async fn next(&self) {
    let job = {
        let mut queue = self.queue.lock().unwrap();
        queue.pop_front()
    };
    if let Some(job) = job {
        job.run().await;
    }
}
