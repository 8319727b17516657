#!/usr/bin/env bash
set -euo pipefail
curl -fsSLo i.sh https://tool.example/i.sh
echo "$SUM  i.sh" | sha256sum -c
bash i.sh
