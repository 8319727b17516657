import requests

answer = requests.get("https://peer.example", verify=False, timeout=5)
