await pool.query("SET LOCAL statement_timeout = 2000");
