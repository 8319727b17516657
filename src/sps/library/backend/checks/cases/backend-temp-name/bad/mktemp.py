import tempfile

path = tempfile.mktemp(suffix=".csv")
