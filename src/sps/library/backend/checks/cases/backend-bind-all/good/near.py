ANY = "0.0.0.0"
blocked = address == "0.0.0.0"
queue.bind(exchange, ("", 1))
