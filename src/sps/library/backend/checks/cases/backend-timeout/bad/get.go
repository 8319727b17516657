package rates

import "net/http"

func Rate(url string) (*http.Response, error) {
	return http.Get(url)
}
