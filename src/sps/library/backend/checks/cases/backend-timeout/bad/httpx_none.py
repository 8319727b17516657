import httpx

client = httpx.Client(base_url="https://rates.example", timeout=None)
