resource "aws_db_instance" "shop" {
  skip_final_snapshot = true
}
