CREATE TABLE orders (
  id bigint PRIMARY KEY,
  created_at timestamp NOT NULL DEFAULT now()
);
