async fn show(state: &RwLock<State>) -> Result<(), Error> {
    let state = state.read().expect("poisoned");
    send(&state.name).await?;
    Ok(())
}
