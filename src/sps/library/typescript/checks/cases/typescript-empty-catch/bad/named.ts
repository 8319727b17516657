try {
  save(order);
} catch (error) {
}
