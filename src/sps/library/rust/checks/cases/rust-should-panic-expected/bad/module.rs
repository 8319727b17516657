mod tests {
    #[should_panic]
    #[test]
    fn refuses() {}
}
