const text = "we like 10% of it";
const q = `SELECT id FROM users WHERE name LIKE 'son%'`;
