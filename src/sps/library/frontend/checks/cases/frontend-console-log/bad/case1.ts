function save(order: Order) {
  console.log("saving", order);
}
