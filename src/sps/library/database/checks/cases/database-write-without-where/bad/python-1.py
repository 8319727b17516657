conn.execute("DELETE FROM sessions")
