def parse(line):
    try:
        return int(line)
    except ValueError:
        def later():
            raise RowInvalid(line)
        return later
    raise RowInvalid(line)
