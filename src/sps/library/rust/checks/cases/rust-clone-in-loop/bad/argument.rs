fn run(config: &Config, jobs: Vec<Job>) {
    for job in jobs {
        start(job, config.clone());
    }
}
