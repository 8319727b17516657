export const afterLogin = (req: Request, res: Response) => res.redirect(req.query.next as string);
