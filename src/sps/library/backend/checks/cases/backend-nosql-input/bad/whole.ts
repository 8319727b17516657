export const search = (req: Request) => Orders.find(req.query);
