#!/usr/bin/env bash
terraform state list
terraform state show a.b
