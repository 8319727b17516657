func save() {
    _ = try? store.save()
}
