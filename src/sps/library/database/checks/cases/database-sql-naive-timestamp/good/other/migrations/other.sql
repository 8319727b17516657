-- the timestamp of the import
ALTER TABLE orders ADD COLUMN timestamp_source text;
COMMENT ON COLUMN orders.a IS 'timestamp';
