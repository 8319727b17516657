from tempfile import mktemp

path = mktemp()
