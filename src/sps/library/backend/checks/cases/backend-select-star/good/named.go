package store

func User(db DB, id string) Row { return db.QueryRow("SELECT id, name FROM users WHERE id = $1", id) }
