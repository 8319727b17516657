class A {
    Order load(long id) {
        return repository.findById(id).get();
    }
}
