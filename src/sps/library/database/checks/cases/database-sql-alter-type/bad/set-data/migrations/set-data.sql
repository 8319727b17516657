ALTER TABLE orders
  ALTER COLUMN note SET DATA TYPE jsonb USING note::jsonb;
