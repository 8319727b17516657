#!/usr/bin/env bash
tofu -chdir=infra destroy -input=false \
  -auto-approve
