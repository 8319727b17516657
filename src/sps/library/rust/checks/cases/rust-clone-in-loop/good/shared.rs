fn run(tx: Sender<Row>, config: Arc<Config>) {
    for id in 0..4 {
        let tx = tx.clone();
        let config = Arc::clone(&config);
        spawn(move || work(id, tx, config));
    }
}
