fn make() -> [u8; 16] {
    let buffer: [u8; 16] = unsafe { mem::uninitialized() };
    buffer
}
