#[test]
#[ignore = "needs a real broker"]
fn connects() {}
