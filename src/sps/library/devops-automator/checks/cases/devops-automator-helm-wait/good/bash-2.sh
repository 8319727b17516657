#!/usr/bin/env bash
helm plugin install diff
helm template api ./chart
echo helm upgrade api
