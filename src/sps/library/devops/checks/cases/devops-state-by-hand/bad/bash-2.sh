#!/usr/bin/env bash
tofu -chdir=infra state mv a.b a.c
