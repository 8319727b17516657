package a

type walk func(path string, ctx context.Context) error

func helper(t *testing.T, ctx context.Context) {}

func both(parent, child context.Context, other context.Context) {
	each(func(name string, ctx context.Context) {})
}
