const q = `SELECT /* report */ id FROM orders o`;
