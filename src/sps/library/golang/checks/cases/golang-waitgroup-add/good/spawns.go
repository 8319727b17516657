package a

func (s *Server) start() {
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		s.wg.Add(1)
		go s.loop()
		total.Add(1)
	}()
	go func() {
		total.Add(1)
	}()
}
