impl Store {
    fn total(&self, rows: &Vec<Row>) -> u64 {
        rows.iter().map(|row| row.total).sum()
    }
}
