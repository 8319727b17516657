export const peer = (req: Request) => req.header("X-Forwarded-For");
