#!/usr/bin/env bash
set -euo pipefail
chmod 1777 /srv/tmp
chmod +x run.sh
echo chmod 777
