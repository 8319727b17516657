function save(order: Order) {
  logger.info("saving");
  console.error("failed");
}
