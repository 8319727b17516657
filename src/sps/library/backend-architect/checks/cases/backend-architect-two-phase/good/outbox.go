package store

func place(tx *sql.Tx, id string) { tx.Exec("INSERT INTO outbox (kind, id) VALUES ($1, $2)", "order-placed", id) }
