def parse(line):
    try:
        return int(line)
    except ValueError:
        count()
        raise
    except KeyError as err:
        raise err
