export const byUser = "SELECT * FROM orders WHERE id = $1";
