#!/usr/bin/env bash
kubectl apply -f k8s/
kubectl wait --for=condition=available --timeout=120s deployment/api
sleep 1
