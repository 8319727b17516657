export const afterLogin = (req: Request, res: Response) => res.redirect(ownPath(req.query.next));
