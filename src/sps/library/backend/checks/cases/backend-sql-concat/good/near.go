package store

import (
	"database/sql"
	"fmt"
)

const table = "users"

func Users(db *sql.DB, limit int) (*sql.Rows, error) {
	if limit < 0 {
		return nil, fmt.Errorf("select limit = %d", limit)
	}
	return db.Query("SELECT id FROM "+table+" LIMIT $1", limit)
}
