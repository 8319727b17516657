average_price = compute("price_avg")
COUNT = Counter("averages_total", "How many averages were asked for.")
