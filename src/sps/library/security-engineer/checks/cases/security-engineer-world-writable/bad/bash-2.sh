#!/usr/bin/env bash
set -euo pipefail
sudo chmod a+w config.ini
