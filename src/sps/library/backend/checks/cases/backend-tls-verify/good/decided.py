import ssl


def context(settings):
    made = ssl.create_default_context()
    if settings.insecure:
        made.verify_mode = ssl.CERT_NONE
    return made
