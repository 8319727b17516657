/// Gives the first.
///
/// # Panics
/// When the list is empty.
pub fn first(list: &[u8]) -> u8 {
    match list {
        [] => panic!("empty list"),
        [one, ..] => *one,
    }
}

#[test]
fn works() {
    panic!("no");
}
