def total(lines):
    # subtotal = 0
    # for line in lines:
    #     subtotal += line.price
    return sum(line.price for line in lines)
