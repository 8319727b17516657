HEADERS = {"Content-Security-Policy": "default-src 'none'"}
