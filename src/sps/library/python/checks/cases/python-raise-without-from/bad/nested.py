def parse(line):
    try:
        return int(line)
    except ValueError as err:
        if line:
            raise RowInvalid(str(err))
        return 0
