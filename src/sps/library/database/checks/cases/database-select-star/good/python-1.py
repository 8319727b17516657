BY_USER = "SELECT id, total FROM orders WHERE user_id = %s"
