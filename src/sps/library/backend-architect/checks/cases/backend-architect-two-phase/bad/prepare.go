package store

func both(db *sql.DB) { db.Exec("PREPARE TRANSACTION 'order-1'") }
