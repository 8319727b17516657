await pool.query("DELETE FROM sessions");
