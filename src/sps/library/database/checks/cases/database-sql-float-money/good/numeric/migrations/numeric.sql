CREATE TABLE orders (
  id bigint PRIMARY KEY,
  net_price numeric(12, 2) NOT NULL,
  weight real
);
