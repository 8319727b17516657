package report

type loader interface {
	Load(id int) (store.Row, error)
}

func Build(rows loader, ids []int) (Report, error) { return Report{}, nil }
