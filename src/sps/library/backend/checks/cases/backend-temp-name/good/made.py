import tempfile

with tempfile.NamedTemporaryFile(suffix=".csv") as file:
    file.write(b"x")
handle, path = tempfile.mkstemp()
