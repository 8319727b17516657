export const page = (req: Request, res: Response) => res.render("page", { name: req.query.name });
