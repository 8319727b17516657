export const agent = new https.Agent({ rejectUnauthorized: settings.verify });
