#!/usr/bin/env bash
# Everything that is checked without running the program. All steps run, so that one run shows all there is to mend.
set -uo pipefail
cd "$(dirname "$0")/.."

readonly BIN=.venv/bin
failed=()

step() {
    local name=$1
    shift
    printf '== %s\n' "$name"
    "$@" </dev/null || failed+=("$name")
}

step format "$BIN/ruff" format --check --quiet .
step lint "$BIN/ruff" check --quiet .
step "types 3.11" "$BIN/mypy" --python-version 3.11 --no-error-summary
step "types 3.14" "$BIN/mypy" --python-version 3.14 --no-error-summary
step layers "$BIN/lint-imports" --no-logo --cache-dir .import_linter_cache
step sizes "$BIN/python" scripts/check_size.py
step repository "$BIN/python" scripts/check_repository.py
step vendored "$BIN/python" -m scripts.vendor --check

if [ ${#failed[@]} -gt 0 ]; then
    printf 'check: failed: %s (format and many lint findings are mended by: make fix)\n' "${failed[*]}"
    exit 1
fi
printf 'check: ok\n'
