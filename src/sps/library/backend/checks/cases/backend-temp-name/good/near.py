from ours.files import mktemp

path = mktemp()
