package shop

var q = "SELECT id FROM users WHERE name LIKE $1 || '%'"
