-- CREATE INDEX would lock here
ALTER TABLE orders ADD COLUMN a int;
