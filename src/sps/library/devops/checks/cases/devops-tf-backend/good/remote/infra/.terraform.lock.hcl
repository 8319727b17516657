provider "registry.example/hashicorp/aws" {
  version = "6.2.0"
}
