import { Counter } from "prom-client";

export const logins = new Counter({ name: "logins_total", help: "Logins.", labelNames: ["outcome", "userId"] });
