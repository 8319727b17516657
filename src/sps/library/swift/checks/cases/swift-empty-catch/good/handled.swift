func save() {
    do {
        try store.save()
    } catch {
        logger.error("save failed: \(error)")
    }
}
