#!/usr/bin/env bash
# Renews the lock files. They hold hashes and no index, so any mirror can serve them.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
    .venv/bin/uv pip compile --quiet --generate-hashes --no-header --no-annotate --no-emit-index-url \
        --python-version 3.11 --universal "$@"
}

compile "$@" requirements.in -o requirements.lock
compile "$@" requirements-dev.in -o requirements-dev.lock
printf 'uv\n' | compile "$@" - -o requirements-uv.lock
