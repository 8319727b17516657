#!/usr/bin/env bash
set -euo pipefail
rsync -e "ssh -o StrictHostKeyChecking=no" dist/ host:/srv/
