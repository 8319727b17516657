pub fn first(list: &[u8]) -> u8 {
    assert!(!list.is_empty());
    // SAFETY: the list has at least one element, see the assertion.
    unsafe { *list.get_unchecked(0) }
}
