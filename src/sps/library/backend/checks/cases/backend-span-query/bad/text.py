def run(span, query):
    span.set_attribute("db.query.text", query.text)
