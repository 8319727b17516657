try:
    run()
except OSError as error:
    raise ConfigMissing(path) from error
