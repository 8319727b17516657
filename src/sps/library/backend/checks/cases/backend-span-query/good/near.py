def run(span, query):
    span.set_attribute("db.query.text", query.name)
    span.set_attribute("db.statement", "SELECT orders")
