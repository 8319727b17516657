package jobs

func take(db *sql.DB) *sql.Row { return db.QueryRow("select id from jobs limit 1 for update skip locked") }
