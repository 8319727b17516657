#!/bin/bash
# Build.
set -u
make build
