await db.execute(`DELETE FROM sessions ${where}`);
const text = "DELETE FROM sessions";
