package shop

func f() error {
	_, err := db.ExecContext(ctx, "DELETE FROM sessions")
	return err
}
