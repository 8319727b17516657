export const byUser = "SELECT id, total FROM orders WHERE id = $1";
