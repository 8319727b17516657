resource "azurerm_container_registry" "r" {
  public_network_access_enabled = true
}
