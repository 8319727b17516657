package obs

var logins = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "logins_total"}, []string{"outcome", "user_id"})
