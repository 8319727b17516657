n = "SELECT count(*) FROM orders"
text = "Please choose from it"
q = "SELECT * FROM information_schema.tables"
