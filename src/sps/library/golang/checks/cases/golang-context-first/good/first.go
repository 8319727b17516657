package a

func (s *Store) load(ctx context.Context, id int) error {
	return nil
}
