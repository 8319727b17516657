export const best = { distance: Infinity, forever: true };
