package obs

var times = prometheus.NewHistogramVec(opts, []string{"request_id"})
