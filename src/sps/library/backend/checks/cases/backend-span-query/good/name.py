def run(span, query):
    span.set_attribute("db.operation.name", "SELECT")
    span.set_attribute("db.collection.name", query.table)
