const q = `SELECT /*+ IndexScan(o) */ id FROM orders o`;
