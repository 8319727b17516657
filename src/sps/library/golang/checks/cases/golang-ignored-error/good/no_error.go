package a

func parts(text string, seen map[string]bool, v any) string {
	before, _ := strings.CutPrefix(text, "v")
	known, _ := seen[before]
	name, _ := v.(string)
	for i, _ := range text {
		use(i, known)
	}
	// the peer may be gone already; there is nobody to tell
	_ = conn.Close()
	return name
}
