#[test]
#[ignore]
fn connects() {}
