#!/usr/bin/env bash
terraform apply -auto-approve
