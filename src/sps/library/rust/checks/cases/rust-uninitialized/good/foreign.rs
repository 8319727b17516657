fn size() -> libc::winsize {
    let mut size: libc::winsize = unsafe { std::mem::zeroed() };
    let other = unsafe { mem::zeroed::<libc::sockaddr_in>() };
    std::mem::take(&mut size)
}
