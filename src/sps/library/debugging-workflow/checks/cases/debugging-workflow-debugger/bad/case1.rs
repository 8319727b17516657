fn f(x: i32) -> i32 {
    dbg!(x)
}
