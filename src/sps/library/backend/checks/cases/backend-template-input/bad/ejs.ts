export const page = (req: Request) => ejs.render(req.body.template, {});
