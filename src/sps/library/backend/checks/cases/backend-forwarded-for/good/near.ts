export const id = (req: Request) => req.headers["x-request-id"];
