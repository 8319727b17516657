CREATE TABLE orders (
  id bigint PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now(),
  paid_at timestamp(3) with time zone
);
