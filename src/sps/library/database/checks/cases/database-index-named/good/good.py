# served by events_account_created (account_id, created_at DESC, id DESC), migration 0042
rows = conn.execute("SELECT id, body FROM events WHERE account_id = %s ORDER BY created_at DESC, id DESC LIMIT 20", (account,))
