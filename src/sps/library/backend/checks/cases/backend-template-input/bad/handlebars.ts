export const page = (req: Request) => Handlebars.compile(`<p>${req.query.name}</p>`)({});
