SECRET = "vault:orders/key"
form = {"password": "new_password", "api_key": "ORDERS_API_KEY"}
password = f"{user}-{suffix}"
TOKEN_URL = "/oauth/token"
