package store

// Store has one implementation, in this package.
type Store interface {
	Load(id int) (Row, error)
	Save(row Row) error
	Delete(id int) error
	Close() error
}

func New() Store { return &sqlStore{} }
