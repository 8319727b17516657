export const pool = new Pool({ connectionString, connectionTimeoutMillis: 1_000, statement_timeout: 5_000 });
