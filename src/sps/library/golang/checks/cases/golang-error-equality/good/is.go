package a

func load(id int) error {
	err := row.Scan(&id)
	if errors.Is(err, sql.ErrNoRows) || err == nil {
		return ErrMissing
	}
	return err
}
