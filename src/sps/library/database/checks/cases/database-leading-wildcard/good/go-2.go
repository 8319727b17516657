package shop

var text = "looks like 5%"
var q = `SELECT id FROM users WHERE name LIKE 'son%'`
