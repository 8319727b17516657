def total(lines):
    # Prices hold the discount already, for example `line.price = 90` for 10 %.
    return sum(line.price for line in lines)
