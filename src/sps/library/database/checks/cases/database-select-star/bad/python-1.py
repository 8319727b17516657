BY_USER = "SELECT * FROM orders WHERE user_id = %s"
