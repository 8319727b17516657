#!/usr/bin/env bash
set -euo pipefail
chmod 755 run.sh
chmod u+x run.sh
