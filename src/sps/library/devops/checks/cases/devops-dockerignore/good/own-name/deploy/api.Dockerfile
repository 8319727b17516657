FROM golang:1.25
COPY . /src
