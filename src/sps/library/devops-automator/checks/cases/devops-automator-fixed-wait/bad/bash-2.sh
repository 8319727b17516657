#!/usr/bin/env bash
kubectl apply -f k8s/
sleep 2m
