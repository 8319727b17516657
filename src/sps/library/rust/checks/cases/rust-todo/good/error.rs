pub fn save(row: &Row) -> Result<(), Error> {
    // todo!() was here
    Err(Error::Unsupported("save"))
}
