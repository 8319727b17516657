q = "SELECT id FROM users WHERE name LIKE '%' || %s"
