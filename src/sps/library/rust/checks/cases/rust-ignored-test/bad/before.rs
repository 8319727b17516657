mod tests {
    #[ignore]
    #[tokio::test]
    async fn connects() {}
}
