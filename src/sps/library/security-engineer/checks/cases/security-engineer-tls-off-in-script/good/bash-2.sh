#!/usr/bin/env bash
set -euo pipefail
curl -k https://localhost:8443/health
curl -s -o k https://files.example/-k-
export NODE_TLS_REJECT_UNAUTHORIZED=1
