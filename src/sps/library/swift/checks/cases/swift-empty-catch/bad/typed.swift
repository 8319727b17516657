func save() {
    do { try store.save() } catch let error as StoreError {}
}
