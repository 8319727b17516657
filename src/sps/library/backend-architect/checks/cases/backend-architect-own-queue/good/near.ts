export const one = "SELECT id FROM orders WHERE id = $1 FOR UPDATE";
