def cores():
    # the count is only shown; any failure means "unknown"
    try:
        return read_cores()
    except Exception:
        pass
