fn f(x: i32) -> i32 {
    tracing::debug!(x);
    x
}
