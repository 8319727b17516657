export const compute = (req: Request) => eval(req.body.formula);
