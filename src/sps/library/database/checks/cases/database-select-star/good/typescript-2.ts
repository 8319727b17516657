const n = "SELECT count(*) FROM orders";
export * from "./orders";
