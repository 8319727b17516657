package store

func Users(ctx Ctx, db DB) (Rows, error) {
	return db.QueryContext(ctx, `
		SELECT * FROM users`)
}
