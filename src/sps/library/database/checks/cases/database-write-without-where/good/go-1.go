package shop

func f() {
	db.Exec("DELETE FROM sessions WHERE id = $1", id)
}
