#!/usr/bin/env bash
rm -rf -- "${BUILD_DIR:?}/"*
