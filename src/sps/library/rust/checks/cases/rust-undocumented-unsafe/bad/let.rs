fn read(pointer: *const u32) -> u32 {
    // reads the value
    let value = unsafe { pointer.read() };
    value
}
