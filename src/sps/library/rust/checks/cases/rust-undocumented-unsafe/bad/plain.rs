pub fn first(list: &[u8]) -> u8 {
    unsafe { *list.get_unchecked(0) }
}
