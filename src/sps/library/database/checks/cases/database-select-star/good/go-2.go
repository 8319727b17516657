package shop

var q = `SELECT count(*) FROM users`
var p *int
