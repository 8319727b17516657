package shop

var q = `SELECT id FROM users WHERE lower(name) LIKE lower('%son')`
