export const afterLogin = (req: Request, res: Response) => res.redirect("/orders");
