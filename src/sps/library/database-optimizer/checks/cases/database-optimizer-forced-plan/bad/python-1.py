conn.execute("SET enable_seqscan = off")
