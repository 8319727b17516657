package store

func both(db *sql.DB) { db.Exec(`XA PREPARE 'order-1'`) }
