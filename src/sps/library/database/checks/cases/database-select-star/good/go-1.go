package shop

const byID = "SELECT id, total FROM orders WHERE id = $1"
