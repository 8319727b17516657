func save() {
    do {
        try store.save()
    } catch {
    }
}
