from alembic import op

op.execute("UPDATE users SET active = true")
query = "DELETE FROM sessions"
query += " WHERE id = %s"
cur.execute(query, (key,))
cur.execute("DELETE FROM sessions" + clause)
