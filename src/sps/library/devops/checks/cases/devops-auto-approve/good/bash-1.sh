#!/usr/bin/env bash
terraform plan -out=plan.bin
terraform apply -input=false plan.bin
