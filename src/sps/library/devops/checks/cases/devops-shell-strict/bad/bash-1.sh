#!/usr/bin/env bash

cd "$1"
make build
