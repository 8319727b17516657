CREATE TABLE orders (
  id bigint PRIMARY KEY,
  net_price double precision NOT NULL
);
