def close(conn):
    try:
        conn.close()
    except FileNotFoundError:
        pass
