import ast


def compute(text):
    return ast.literal_eval(text)
