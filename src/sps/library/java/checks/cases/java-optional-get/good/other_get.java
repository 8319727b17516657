class A {
    Object load(Future<Order> order, Supplier<Order> supplier) throws Exception {
        return order.get() == null ? supplier.get() : map.get("a");
    }
}
