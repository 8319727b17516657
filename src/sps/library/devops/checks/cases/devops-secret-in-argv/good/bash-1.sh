#!/usr/bin/env bash
docker login -u ci --password-stdin registry.example < token
