#[test]
#[should_panic]
fn refuses() {
    parse("");
}
