package shop

import "archive/tar"

func unpack(hdr *tar.Header, dst string) string {
	return filepath.Join(dst, hdr.Name)
}
