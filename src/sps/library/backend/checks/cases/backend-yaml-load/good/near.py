from ruamel.yaml import YAML


def settings(text):
    own = YAML(typ="safe")
    return own.load(text)
