resource "google_sql_database_instance" "shop" {
  deletion_protection = false
}
