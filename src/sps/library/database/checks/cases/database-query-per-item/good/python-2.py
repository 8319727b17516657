def drain(session, batches, urls):
    for batch in batches:
        session.execute(select(User).where(User.id.in_(batch)))
    for url in urls:
        session.get(url, timeout=5)
    for row in rows:
        session.execute("INSERT INTO a VALUES (1)")
