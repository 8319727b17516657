def parse(line):
    try:
        return int(line)
    except ValueError:
        raise RowInvalid(line)
