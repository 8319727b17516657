#!/usr/bin/env bash
pytest -q || status=$?
[ "${status:-0}" -eq 5 ] || exit "$status"
