conn.execute("SET statement_timeout = 2000")
