package shop

func (s *Store) any(ctx context.Context) bool {
	res, err := s.db.QueryContext(ctx, "SELECT 1 FROM jobs")
	if err != nil {
		return false
	}
	return res.Next()
}
