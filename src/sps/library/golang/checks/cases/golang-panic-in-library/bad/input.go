package ledger

func Parse(text string) Amount {
	if text == "" {
		panic("empty amount")
	}
	return Amount{}
}
