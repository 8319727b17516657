fn read(pointer: *const u32) -> u32 {
    // SAFETY: the caller promises an aligned pointer
    // to a live value.
    let value = unsafe { pointer.read() };
    value
}

unsafe fn raw() {}
