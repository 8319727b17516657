export const page = (_req: Request, res: Response) => res.render("page");
