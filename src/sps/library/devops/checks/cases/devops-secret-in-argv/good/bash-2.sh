#!/usr/bin/env bash
mysqldump --defaults-extra-file=my.cnf shop > dump.sql
mkdir -p "$DIR"
mysql -P 3307 -p shop
