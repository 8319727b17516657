await db.execute(`UPDATE users SET active = false`);
