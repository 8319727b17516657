package shop

var q = `SELECT id FROM orders`
