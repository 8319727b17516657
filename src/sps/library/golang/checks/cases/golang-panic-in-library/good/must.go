package ledger

func MustParse(text string) Amount {
	amount, err := Parse(text)
	if err != nil {
		panic(err)
	}
	return amount
}
