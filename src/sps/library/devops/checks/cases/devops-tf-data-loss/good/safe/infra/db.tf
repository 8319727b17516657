resource "aws_db_instance" "shop" {
  skip_final_snapshot = false
  deletion_protection = true
}
