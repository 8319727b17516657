async fn poll(job: &Job) {
    while !job.done() {
        std::thread::sleep(Duration::from_secs(1));
    }
}
