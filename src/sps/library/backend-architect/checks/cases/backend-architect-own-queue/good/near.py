ONE = "SELECT id FROM orders WHERE id = %s FOR UPDATE"
