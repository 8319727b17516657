package shop

import "path/filepath"

func where(f User) string {
	return filepath.Join("users", f.Name)
}
