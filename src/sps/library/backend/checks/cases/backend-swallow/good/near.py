def close(conn, log):
    try:
        conn.close()
    except Exception as err:
        log.warning("close failed", extra={"cause": str(err)})
    try:
        conn.drop()
    except Exception:
        # the connection is gone already when the peer restarts
        pass
    try:
        conn.drop()
    except Exception:
        raise
