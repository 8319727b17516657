#!/usr/bin/env bash
helm upgrade --install api ./chart \
  --set image.tag="$TAG" \
  --atomic --timeout 5m
