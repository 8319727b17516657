ALTER TABLE orders ADD COLUMN paid_at timestamp(3) without time zone;
