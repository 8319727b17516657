import logging


def configure(settings):
    logging.basicConfig(level=settings.log_level)
    logging.getLogger("urllib3").setLevel(logging.WARNING)
