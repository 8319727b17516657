terraform {
  required_version = "~> 1.11"
  backend "s3" {
    bucket = "acme-state"
  }
}

provider "aws" {
  region = "eu-west-1"
}
