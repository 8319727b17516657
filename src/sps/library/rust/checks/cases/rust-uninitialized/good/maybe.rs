fn make() -> MaybeUninit<[u8; 16]> {
    MaybeUninit::uninit()
}
