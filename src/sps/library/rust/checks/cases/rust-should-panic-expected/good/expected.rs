#[test]
#[should_panic(expected = "empty amount")]
fn refuses() {
    parse("");
}
