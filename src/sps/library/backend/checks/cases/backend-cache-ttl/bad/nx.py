def keep(self, key, value):
    self.redis_client.set(key, value, nx=True)
