#!/usr/bin/env bash
# Build.
set -euo pipefail
make build
