#!/usr/bin/env bash
docker build -t api:latest .
echo "kubectl set image x:latest"
