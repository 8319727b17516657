const raw = JSON.parse(text) as unknown;
const settings = settingsSchema.parse(raw);
