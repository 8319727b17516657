export const entry = { level: "debug", text: "x" };
if (verbose) {
  logger.level = "debug";
}
