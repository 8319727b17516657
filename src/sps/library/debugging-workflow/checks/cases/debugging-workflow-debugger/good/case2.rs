// dbg!(x)
fn dbg(x: i32) -> i32 {
    dbg_inner!(x)
}
