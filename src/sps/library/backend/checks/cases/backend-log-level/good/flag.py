import logging


def configure(verbose, handler):
    handler.setLevel(logging.DEBUG)
    if verbose:
        logging.getLogger().setLevel(logging.DEBUG)
