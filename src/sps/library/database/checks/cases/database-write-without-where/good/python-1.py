conn.execute("DELETE FROM sessions WHERE expires_at < now()")
cur.execute(f"DELETE FROM sessions {where}")
