# events has 40 million rows; the only index is on (id)
rows = conn.execute("SELECT id, body FROM events WHERE account_id = %s ORDER BY created_at DESC LIMIT 20", (account,))
