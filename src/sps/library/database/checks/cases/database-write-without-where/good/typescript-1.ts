await pool.query("DELETE FROM sessions WHERE id = $1", [id]);
