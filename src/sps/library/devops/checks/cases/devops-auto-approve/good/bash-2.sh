#!/usr/bin/env bash
echo "never use terraform apply -auto-approve"
