#[test]
fn refuses() {
    assert_eq!(parse(""), Err(AmountError::Empty));
}
