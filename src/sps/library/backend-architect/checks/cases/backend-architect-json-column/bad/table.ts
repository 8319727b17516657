export const up = (t: Table) => t.jsonb("extra");
