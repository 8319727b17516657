#!/usr/bin/env bash
helm -n shop install api ./chart
