package shop

func f() {
	db.Order("id").Limit(50).Offset(n * 50).Find(&posts)
}
