class Log:
    def __init__(self, path, stack):
        self.file = open(path, "a", encoding="utf-8")
        self.other = stack.enter_context(open(path, encoding="utf-8"))

def make(path):
    return open(path, "rb")
