package shop

const q = "SELECT id FROM posts WHERE id < $1 ORDER BY id DESC LIMIT $2"
