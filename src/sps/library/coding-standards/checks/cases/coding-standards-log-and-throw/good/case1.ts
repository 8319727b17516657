try {
  run();
} catch (cause) {
  throw new OrderUnavailable(id, { cause });
}
