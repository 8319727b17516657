fun save(order: Order) {
    GlobalScope.launch { store.save(order) }
}
