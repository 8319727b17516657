try {
  run();
} catch (e) {
  console.error("failed", e);
  throw e;
}
