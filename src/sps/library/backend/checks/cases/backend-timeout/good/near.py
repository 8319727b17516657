import httpx
import urllib.request


def rate(code, session, options, mapping):
    # httpx stops after five seconds by itself; a splat may hold the timeout; a mapping has a get, too
    first = httpx.get(f"https://rates.example/{code}")
    second = urllib.request.urlopen("https://rates.example", None, 5)
    return first, second, session.request("GET", "/", **options), mapping.get("requests.get(url)")
