ALTER TABLE orders ADD COLUMN amount_due bigint;
