package shop

func f() {
	db.Exec(`UPDATE users SET active = false`)
}
