export const compute = (req: Request) => parseFormula(req.body.formula).value();
