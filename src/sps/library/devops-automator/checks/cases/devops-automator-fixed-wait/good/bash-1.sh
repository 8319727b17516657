#!/usr/bin/env bash
for i in $(seq 60); do
  curl -fsS localhost:8080/health/ready && break
  sleep 10
done
