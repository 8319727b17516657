package rates

import "net/http"

var client = &http.Client{Transport: http.DefaultTransport}
