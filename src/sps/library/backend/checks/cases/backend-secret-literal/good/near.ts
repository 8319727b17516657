export const shape = "AKIA[0-9A-Z]{16}";
export const header = "-----BEGIN PRIVATE KEY-----";
