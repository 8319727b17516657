#[cfg(test)]
mod checks {
    fn helper() -> u16 {
        "1".parse().unwrap()
    }
}

#[tokio::test]
async fn loads() {
    load().await.unwrap();
}
