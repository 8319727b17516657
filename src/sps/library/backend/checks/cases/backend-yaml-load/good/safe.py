import yaml


def settings(text):
    return yaml.safe_load(text), yaml.load(text, Loader=yaml.CSafeLoader)
