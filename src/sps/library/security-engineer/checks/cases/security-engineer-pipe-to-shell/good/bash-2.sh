#!/usr/bin/env bash
set -euo pipefail
curl -fsS https://api.example/x | python3 -m json.tool
curl -fsS https://api.example/x | jq .a | sh-format
cat i.sh | bash
