#!/usr/bin/env bash
set -euo pipefail
ssh -o StrictHostKeyChecking=yes host uptime
echo "StrictHostKeyChecking=no is bad"
