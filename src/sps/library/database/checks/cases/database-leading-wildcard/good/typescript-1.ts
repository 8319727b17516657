const q = "SELECT id FROM users WHERE name LIKE $1 || '%'";
