import logging

logging.getLogger("orders").setLevel("DEBUG")
