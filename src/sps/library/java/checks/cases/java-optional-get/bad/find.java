class A {
    Order first(List<Order> orders) {
        return orders.stream().filter(Order::open).findFirst().get();
    }
}
