#!/usr/bin/env bash
mysqldump -u root --password=$DB_PASSWORD shop > dump.sql
