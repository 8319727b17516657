#!/usr/bin/env bash
helm upgrade api ./chart --set image.tag=latest
