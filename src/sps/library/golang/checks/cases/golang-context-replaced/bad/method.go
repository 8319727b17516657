package a

func (s *Store) Save(ctx context.Context, row Row) error {
	sub, cancel := context.WithTimeout(context.TODO(), time.Second)
	defer cancel()
	return s.db.Save(sub, row)
}
