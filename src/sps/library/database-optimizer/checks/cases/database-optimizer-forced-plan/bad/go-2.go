package shop

var q = `SELECT id FROM orders USE INDEX (orders_user)`
