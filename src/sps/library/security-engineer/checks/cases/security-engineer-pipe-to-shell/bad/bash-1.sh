#!/usr/bin/env bash
set -euo pipefail
curl -fsSL https://tool.example/install.sh | sudo bash -s -- -y
