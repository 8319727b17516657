alter table orders
  add column if not exists paid boolean not null;
