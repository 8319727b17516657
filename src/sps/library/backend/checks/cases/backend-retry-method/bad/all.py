from urllib3.util import Retry

RETRY = Retry(total=3, allowed_methods=None)
