TABLE = "users"


class Store:
    _TABLE = "users"

    def count(self, cur):
        cur.execute(f"SELECT count(1) FROM {TABLE}")
        cur.execute(f"SELECT count(1) FROM {self._TABLE}")
