resource "azurerm_postgresql_flexible_server" "shop" {
  public_network_access_enabled = true
}
