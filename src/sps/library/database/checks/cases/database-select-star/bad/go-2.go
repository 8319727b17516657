package shop

var q = `
  SELECT *
  FROM users`
