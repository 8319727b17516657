const q = `SELECT id FROM users WHERE lower(name) LIKE '%son'`;
