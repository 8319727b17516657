class Client:
    async def fetch(self, url):
        if url:
            return requests.get(url, timeout=5).json()
