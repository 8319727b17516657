import ssl


def context(verify):
    if verify is False:
        made = ssl.create_default_context()
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
        return made
    return ssl.create_default_context()
