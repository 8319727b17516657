export const job = (req: Request) => serialize.unserialize(req.cookies.state);
