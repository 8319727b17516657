export const pick = (rows: Row[], req: Request) => rows.find((row) => row.id === req.query.id);
export const one = (req: Request) => repository.findOne({ where: byId(req.params.id) });
