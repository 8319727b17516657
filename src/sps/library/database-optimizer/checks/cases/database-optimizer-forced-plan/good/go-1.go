package shop

const q = "SET statement_timeout = 2000"
