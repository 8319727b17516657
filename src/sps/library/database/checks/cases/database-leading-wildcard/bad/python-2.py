rows = session.query(User).filter(User.name.ilike(f"%{term}%"))
