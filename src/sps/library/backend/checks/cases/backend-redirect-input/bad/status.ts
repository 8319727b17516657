export const afterLogin = (req: Request, res: Response) => res.redirect(302, req.body.returnTo);
