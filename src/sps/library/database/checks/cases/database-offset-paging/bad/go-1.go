package shop

const q = "SELECT id FROM posts ORDER BY id LIMIT $1 OFFSET $2"
