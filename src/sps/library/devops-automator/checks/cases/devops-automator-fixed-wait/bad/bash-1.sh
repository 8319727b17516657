#!/usr/bin/env bash
./start.sh
sleep 30
curl -fsS localhost:8080/health/ready
