await pool.query("SET LOCAL enable_nestloop TO off");
