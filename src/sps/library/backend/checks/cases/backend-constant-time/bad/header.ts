export const check = (req: Request, settings: Settings) => req.token !== settings.apiKey;
