package store

func Count(db DB) Row { return db.QueryRow("SELECT count(*) FROM users") }
