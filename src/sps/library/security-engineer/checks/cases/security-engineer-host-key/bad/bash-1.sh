#!/usr/bin/env bash
set -euo pipefail
ssh -o StrictHostKeyChecking=no deploy@host uptime
