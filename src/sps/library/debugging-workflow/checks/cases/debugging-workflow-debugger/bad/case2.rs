fn g() {
    let y = dbg!(compute());
    send(y);
}
