const q = "SELECT id FROM users WHERE name ILIKE '%' || $1 || '%'";
