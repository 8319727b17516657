#!/usr/bin/env bash
rm -rf "$BUILD_DIR"
rm -rf "$ROOT/build"
rm "$A/"*
