#!/bin/sh -e
make build
