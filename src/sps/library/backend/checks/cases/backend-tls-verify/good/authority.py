import requests
import ssl

answer = requests.get("https://peer.example", verify="/etc/ssl/own-ca.pem", timeout=5)
context = ssl.create_default_context(cafile="/etc/ssl/own-ca.pem")
