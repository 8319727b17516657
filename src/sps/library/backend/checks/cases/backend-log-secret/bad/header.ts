export const seen = (req: Request) => console.log("call", req.headers.authorization);
