logger.level = "trace";
