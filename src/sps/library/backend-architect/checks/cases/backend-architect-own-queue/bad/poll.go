package jobs

const next = `SELECT id FROM jobs LIMIT 1 FOR UPDATE SKIP LOCKED`
