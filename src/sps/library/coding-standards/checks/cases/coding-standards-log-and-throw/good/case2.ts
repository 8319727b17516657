try {
  run();
} catch (e) {
  logger.warn("trying again");
  if (!retry) throw e;
}
