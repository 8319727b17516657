try {
  run();
} catch (error) {
  this.logger.error({ error }, "failed");
  throw error;
}
