package a

func load(id int) error {
	err := row.Scan(&id)
	if err == sql.ErrNoRows {
		return ErrMissing
	}
	return err
}
