package shop

const q = "SET enable_hashjoin = off"
