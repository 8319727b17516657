func save() {
    do {
        try store.save()
    } catch {
        // the draft stays in memory and is saved with the next change
    }
    let empty = {}
}
