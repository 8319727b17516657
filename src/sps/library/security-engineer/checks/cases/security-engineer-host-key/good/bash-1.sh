#!/usr/bin/env bash
set -euo pipefail
ssh -o UserKnownHostsFile=deploy/known_hosts deploy@host uptime
