try {
  save(order);
} catch (error) {
  report(error);
}
promise.catch(() => {});
