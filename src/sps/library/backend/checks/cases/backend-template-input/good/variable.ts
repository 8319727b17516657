export const page = (req: Request) => ejs.render(SOURCE, { name: req.query.name });
