package obs

var columns = []string{"email", "user_id"}
