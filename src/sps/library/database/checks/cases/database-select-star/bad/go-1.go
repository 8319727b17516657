package shop

const byID = "SELECT * FROM orders WHERE id = $1"
