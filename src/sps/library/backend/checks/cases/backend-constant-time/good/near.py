def check(api_key, kind, signature, row):
    if api_key == None or kind == "signature" or signature != b"PK":
        return row.signature_count == 3
    return api_key == DEFAULT_API_KEY
