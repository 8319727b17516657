export const check = (signature: string, expected: string) => signature === expected;
