export const pool = new Pool({ connectionString });
