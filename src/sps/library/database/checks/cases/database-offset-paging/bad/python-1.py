q = "SELECT id FROM posts ORDER BY id LIMIT %s OFFSET %s"
