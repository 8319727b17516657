FROM golang:1.25 AS build
ADD --chown=10001:10001 ./ /src/
