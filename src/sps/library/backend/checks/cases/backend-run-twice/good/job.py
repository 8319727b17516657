def add_points(store, event_id, user_id, points):
    store.execute("insert into points (event_id, user_id, points) values (%s, %s, %s) on conflict do nothing", (event_id, user_id, points))
