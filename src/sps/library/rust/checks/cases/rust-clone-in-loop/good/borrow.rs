fn run(config: &Config, jobs: &[Job]) {
    let own = config.clone();
    for job in jobs {
        start(job, &own);
    }
}
