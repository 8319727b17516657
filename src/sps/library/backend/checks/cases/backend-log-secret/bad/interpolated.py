import logging


def call(settings):
    logging.debug("calling with %s", settings.api_key)
    logging.info(f"token {settings.access_token}")
