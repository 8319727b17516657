package shop

func f() {
	db.Where("id < ?", last).Limit(50).Find(&posts)
	r.Offset(5)
}
