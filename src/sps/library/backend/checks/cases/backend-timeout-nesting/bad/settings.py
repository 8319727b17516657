HANDLER_TIMEOUT = 5
DATABASE_TIMEOUT = 30  # longer than the handler that waits for it
