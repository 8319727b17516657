import re

SHAPE = re.compile(r"AKIA[0-9A-Z]{16}")
HEADER = "-----BEGIN PRIVATE KEY-----"
