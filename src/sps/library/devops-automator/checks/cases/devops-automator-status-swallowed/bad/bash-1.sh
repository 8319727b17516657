#!/usr/bin/env bash
pytest -q || true
