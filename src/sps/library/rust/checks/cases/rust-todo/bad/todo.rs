pub fn save(row: &Row) -> Result<(), Error> {
    todo!()
}
