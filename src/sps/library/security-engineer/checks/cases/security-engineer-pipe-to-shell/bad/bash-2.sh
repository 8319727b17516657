#!/usr/bin/env bash
set -euo pipefail
bash <(wget -qO- https://tool.example/i.sh)
