#!/usr/bin/env bash
echo "terraform state rm x"
terraform plan
