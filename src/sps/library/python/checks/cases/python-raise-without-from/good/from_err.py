def parse(line):
    try:
        return int(line)
    except ValueError as err:
        raise RowInvalid(line) from err
