import os

CLIENT = make_client(os.environ["ACCESS_KEY_ID"])
