export const up = "create table users (id text primary key)";
