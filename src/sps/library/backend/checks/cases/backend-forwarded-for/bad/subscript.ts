export const peer = (req: Request) => req.headers["x-forwarded-for"];
