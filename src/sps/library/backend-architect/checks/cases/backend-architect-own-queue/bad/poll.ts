export const next = `
  SELECT id FROM jobs WHERE state = 'ready'
  LIMIT 1 FOR UPDATE SKIP LOCKED`;
