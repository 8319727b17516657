package a

func (s *Server) start() {
	go func() {
		s.wg.Add(1)
		s.loop()
		s.wg.Done()
	}()
}
