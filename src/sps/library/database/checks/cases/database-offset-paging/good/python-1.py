q = "SELECT id FROM posts WHERE id < %s ORDER BY id DESC LIMIT %s"
