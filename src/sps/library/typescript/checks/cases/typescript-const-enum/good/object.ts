export const level = { low: "low", high: "high" } as const;
export type Level = (typeof level)[keyof typeof level];
