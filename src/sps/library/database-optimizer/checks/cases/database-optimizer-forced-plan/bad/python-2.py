q = "SELECT id FROM orders FORCE INDEX (orders_user) WHERE user_id = %s"
