package shop

import (
	"archive/zip"
	"path/filepath"
)

func unpack(r *zip.Reader, dst string) {
	for _, f := range r.File {
		if !filepath.IsLocal(f.Name) {
			continue
		}
		write(filepath.Join(dst, f.Name), f)
	}
}
