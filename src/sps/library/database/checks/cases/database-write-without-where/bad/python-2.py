cur.execute("UPDATE users SET active = false, seen_at = now()")
