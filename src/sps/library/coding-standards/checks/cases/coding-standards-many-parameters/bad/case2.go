package a

func (m *Mail) Send(to string, cc string, bcc string, subject string, body string, from string, reply string, tag string) error {
	return nil
}
