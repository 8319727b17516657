def add_points(store, user_id, points):
    store.execute("update users set points = points + %s where id = %s", (points, user_id))
