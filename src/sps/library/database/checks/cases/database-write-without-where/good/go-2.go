package shop

func f() {
	db.Exec("DELETE FROM sessions " + where)
	log("DELETE FROM sessions")
}
