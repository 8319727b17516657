class A {
    Order load(long id) {
        return repository.findById(id).orElseThrow(() -> new OrderMissing(id));
    }
}
