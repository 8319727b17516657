#!/usr/bin/env bash
kubectl set image deployment/api "api=registry.example/api@$DIGEST"
