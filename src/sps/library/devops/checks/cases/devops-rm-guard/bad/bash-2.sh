#!/usr/bin/env bash
rm -r -f ${CACHE}/
