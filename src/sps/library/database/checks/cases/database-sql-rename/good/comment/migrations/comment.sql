-- we do not rename column name
ALTER TABLE users ADD COLUMN full_name text;
