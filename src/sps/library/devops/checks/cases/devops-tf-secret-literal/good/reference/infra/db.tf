resource "aws_db_instance" "shop" {
  password = data.aws_secretsmanager_secret_version.db.secret_string
  password_length = "32"
}
