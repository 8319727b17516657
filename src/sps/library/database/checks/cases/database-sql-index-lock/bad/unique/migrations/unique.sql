create unique index if not exists orders_ref on orders (ref);
