package store

import (
	"context"
	"database/sql"
)

func Drop(ctx context.Context, db *sql.DB, id string) error {
	_, err := db.ExecContext(ctx, "DELETE FROM users WHERE id = "+id)
	return err
}
