  password = "${var.db_password}"
  token = ""
