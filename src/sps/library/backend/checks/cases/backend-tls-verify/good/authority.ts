export const agent = new https.Agent({ ca: ownAuthority, rejectUnauthorized: true });
