func save() {
    prepare()
    try? store.save()
    close()
}
