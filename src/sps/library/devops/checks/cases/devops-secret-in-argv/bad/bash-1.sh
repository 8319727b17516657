#!/usr/bin/env bash
docker login -u ci -p "$TOKEN" registry.example
