resource "aws_db_instance" "shop" {
  master_password = "correct-horse-9"
}
