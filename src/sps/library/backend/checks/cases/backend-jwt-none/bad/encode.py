import jwt

token = jwt.encode({"sub": "1"}, None, algorithm="none")
